"""The measurable rules of the item-writing guide: pure, from records to figures and breaches."""
