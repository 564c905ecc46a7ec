"""Languages: a folder each, with a catalogue of what is said and a lexicon of what is typed."""
