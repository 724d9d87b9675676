"""What every route shares: errors, JSON, requests, the OpenAPI document."""
