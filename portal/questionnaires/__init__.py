"""What is asked: schema, routing, translation, answers and their forms."""
