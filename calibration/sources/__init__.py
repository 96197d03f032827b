"""Reads what people calibrate from: data sets in their own layouts, maps, pictures, synthetic clips."""
