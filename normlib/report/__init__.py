"""Turn notebooks into published pages: recipe, checked parameters, Papermill, page, record.

``build`` makes what a recipe asks for. A job is data, its result is data, and how it is executed
is an engine's business; nothing here looks at the clock except to say how long a run took.
"""
