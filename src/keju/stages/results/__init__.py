"""The passing line is proposed and decided, results are released and looked up, regions get their registers of passes."""
