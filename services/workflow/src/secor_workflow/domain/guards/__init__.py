"""What must hold. Each guard yields a refusal, a code and a sentence to act on, for everything that fails."""
