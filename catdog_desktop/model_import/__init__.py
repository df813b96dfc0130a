"""Models from elsewhere: a file is inspected, converted in a child process, and becomes a model of the app."""
