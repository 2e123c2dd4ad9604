"""The files that several rooms read: one type, one reader and one writer each."""
