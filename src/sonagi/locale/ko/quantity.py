"""단위."""

MESSAGES = {
    "quantity.hour": "시간",
    "quantity.minute": "분",
    "quantity.second": "초",
    "quantity.unknown": "알 수 없는 시간",
    "quantity.core": "코어 {count}개",
    "quantity.cores": "코어 {count}개",
}
