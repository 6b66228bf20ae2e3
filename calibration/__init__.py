"""Commands that turn public records into the inputs of the model, and that fit and test it; their parts have a room each."""
