"""The registered forecast: base rates, odds and statements."""
