"""What somebody may see, as files: figures, deals and activities as CSV or XLSX."""
