"""Units."""

MESSAGES = {
    "quantity.hour": "h",
    "quantity.minute": "m",
    "quantity.second": "s",
    "quantity.core": "{count} core",
    "quantity.cores": "{count} cores",
}
