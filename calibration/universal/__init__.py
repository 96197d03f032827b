"""Universal adversarial perturbations: one pattern for all clips, learned on some people and judged on others."""
