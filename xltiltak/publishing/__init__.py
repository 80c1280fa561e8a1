"""What people read: a report as a web page, in Word and in PDF, each made from the same `document.Document`."""
