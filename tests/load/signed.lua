-- Sends ready-made requests of one length out of a file, each once, and prints figures as JSON.
-- Arguments: file, bytes of a request, number of the first one, "again" to start over at the end.

function init(args)
    file = assert(io.open(args[1], "rb"))
    file:setvbuf("full", 1048576)
    length = tonumber(args[2])
    first = tonumber(args[3]) * length
    again = args[4] == "again"
    file:seek("set", first)
end

function request()
    local found = file:read(length)
    if found == nil and again then
        file:seek("set", first)
        found = file:read(length)
    end
    return assert(found, "all requests of the file were sent")
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        '{"answers": %d, "microseconds": %d, "refused": %d, "broken": %d, "p50": %d, "p99": %d}\n',
        summary.requests, summary.duration, errors.status,
        errors.connect + errors.read + errors.write + errors.timeout,
        latency:percentile(50), latency:percentile(99)
    ))
end
