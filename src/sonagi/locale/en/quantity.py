"""Units."""

MESSAGES = {
    "quantity.hour": "h",
    "quantity.minute": "m",
    "quantity.second": "s",
    "quantity.unknown": "a time that is not known",
    "quantity.core": "{count} core",
    "quantity.cores": "{count} cores",
}
