// A page from the disk may not fetch others, of which the search would show the lines that match: there it shows titles alone.
DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = location.protocol !== "file:";
