"""The list that calls are priced by, what people do with it, and the rows of search's calls."""
