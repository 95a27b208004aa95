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
    "script.options_type": "{path}: options가 {kind}입니다. options = Options(…)로 쓰세요",
    "script.not_async": '"{name}": async 함수가 아닙니다. "async def {name}(vu):"로 쓰세요',
}
