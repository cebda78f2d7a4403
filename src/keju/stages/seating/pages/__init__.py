"""Pages of seating: plans and rooms, versions and what differs between them."""
