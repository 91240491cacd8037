"""The page: settings in, engine called, charts, tables and sentences out."""
