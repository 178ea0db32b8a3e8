"""Days and their arithmetic: due dates, business days, day counts. Imports no other subject."""
