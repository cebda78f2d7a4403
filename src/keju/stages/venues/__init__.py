"""Where the exam is held: the region decides the host points, each host settles its sites and rooms and reports them."""
