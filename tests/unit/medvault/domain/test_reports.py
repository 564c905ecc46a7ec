from datetime import date
from random import Random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from medvault.domain.identifiers import ReportId
from medvault.domain.reports import Report, ReportDetails, ReportType, newest_first

REPORTS = st.lists(
    st.builds(
        lambda id, day: Report(
            ReportId(UUID(int=id)), ReportDetails(day, "Apollo", ReportType.LAB)
        ),
        st.integers(0, 2**128 - 1),
        st.dates(),
    )
)


@given(REPORTS, st.randoms())
def test_the_order_of_the_list_does_not_depend_on_where_reports_come_from(
    reports: list[Report], random: Random
) -> None:
    shuffled = random.sample(reports, len(reports))
    assert newest_first(shuffled) == newest_first(reports)


@given(REPORTS)
def test_the_newest_report_comes_first_and_of_a_day_the_one_filed_last(
    reports: list[Report],
) -> None:
    ordered = newest_first(reports)
    keys = [(report.details.date, report.id) for report in ordered]
    assert keys == sorted(keys, reverse=True)
    assert len(ordered) == len(reports)


def test_the_date_on_the_report_counts_not_the_day_it_was_filed() -> None:
    old = Report(ReportId(UUID(int=9)), ReportDetails(date(2001, 1, 1), "Apollo", ReportType.LAB))
    new = Report(ReportId(UUID(int=1)), ReportDetails(date(2020, 1, 1), "Apollo", ReportType.LAB))
    assert newest_first([old, new]) == (new, old)
