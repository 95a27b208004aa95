"""스크립트의 문제."""

MESSAGES = {
    "script.locust": "{path} 파일은 Locust용입니다. Sonagi는 평범한 async 함수를 실행합니다. 이렇게 옮기세요:",
    "script.locust_user": "  {name}: 함수 {tasks:으로/로} 이루어진 시나리오 하나. self.client는 http.Client, on_start는 vu_setup",
    "script.missing": "{path}: 그런 파일이 없습니다",
    "script.missing_near": "{path}: 그런 파일이 없습니다. 혹시 {near}인가요?",
    "script.is_directory": "{path:은/는} 폴더입니다. 그 안의 스크립트를 지정하세요",
    "script.not_text": "{path:은/는} UTF-8 텍스트가 아닙니다({reason}). 스크립트는 Python 파일이어야 합니다",
    "script.unreadable": "{path:을/를} 읽을 수 없습니다: {reason}",
    "script.syntax": "{path}:{line}: {reason}\n    {code}\n    {caret}",
    "script.forgotten_await": "{path}:{line}: {name}(…)에 await가 없어 아무 일도 하지 않습니다. "
    '"await {name}(…)"로 쓰세요',
    "script.raised": "{place}: {kind}: {message}\n\n{trace}",
    "script.feed_empty": "데이터가 한 줄도 없습니다",
    "script.feed_part_dry": "{count}줄 가운데 이 워커의 {own}줄을 모두 썼습니다. 데이터를 늘리거나, --workers 1로 실행하거나, "
    'at_end="repeat" 또는 "stop"을 주세요',
    "script.feed_dry": '{count}줄을 모두 썼습니다. 데이터를 늘리거나 at_end="repeat" 또는 "stop"을 주세요',
    "script.feed_fields": "{line}번째 줄의 칸 수가 머리글과 다릅니다",
    "script.feed_list": "리스트가 아닙니다. [ … ] 꼴로 쓰거나, 한 줄에 하나씩 쓰고 feed.jsonl을 쓰세요",
    "script.feed_line": "{line}번째 줄이 JSON이 아닙니다: {reason}",
    "script.feed_missing": "{folder}에 {path} 파일이 없습니다",
    "script.secret_both": "비밀 {name}: 파일과 명령 중 하나만 지정하세요",
    "script.secret_short": "비밀 {name}의 길이가 {count}자입니다. {least}자보다 짧으면 숨길 수 없습니다",
    "script.secret_missing": "비밀 {name}: {name} 환경 변수가 없습니다. 변수를 정하거나 -e {name}=…으로 넘기세요",
    "script.secret_unread": "비밀 {name}: {path:을/를} 읽을 수 없습니다: {reason}",
    "script.secret_empty": "비밀 {name}: {path} 파일이 비어 있습니다",
    "script.secret_failed": "비밀 {name}: {command} 명령이 실패했습니다: {reason}",
    "script.secret_unrun": "비밀 {name}: {command} 명령을 실행할 수 없습니다: {reason}",
    "script.options_type": "{path}: options가 {kind}입니다. options = Options(…)로 쓰세요",
    "script.not_async": '"{name}": async 함수가 아닙니다. "async def {name}(vu):"로 쓰세요',
}
