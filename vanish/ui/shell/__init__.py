"""The page around the chapters: settings, sidebar, header; it knows no lesson."""
