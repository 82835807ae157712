"""Reports for people: the month on paper and as a workbook, pages, refund sheets, what is due."""
