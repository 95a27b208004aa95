"""옵션과 플래그의 잘못."""

MESSAGES = {
    "plan.duration": '{value:은/는} 시간 길이가 아닙니다. "30s", "1m30s" 또는 초 단위 숫자로 쓰세요',
    "plan.duration_unit": '{value}에 단위가 없습니다. "30s", "500ms"처럼 쓰거나 30초라면 숫자 30으로 쓰세요',
    "plan.duration_negative": "{value:은/는} 음수입니다. 시간 길이는 0 이상이어야 합니다",
    "plan.option": '"{name}" 옵션은 없습니다. 쓸 수 있는 옵션: {valid}',
    "plan.option_near": '"{name}" 옵션은 없습니다. 혹시 "{near}"인가요?',
    "plan.value": "{value:은/는} 쓸 수 없습니다: {reason}",
    "plan.missing": "꼭 필요한데 빠져 있습니다",
    "plan.count": "{value:은/는} {least} 이상의 정수가 아닙니다",
    "plan.trend_stat": '"{name}" 통계는 없습니다. avg, min, med, max, count, p(N)(N은 0~100)을 쓸 수 있습니다',
    "plan.threshold": '{source!r} 조건을 이해할 수 없습니다. "p(95)<500", "rate<0.01", "count>100"처럼 쓰세요',
    "plan.threshold_tags": "{key!r}: 태그는 metric{{tag:value}} 꼴로 씁니다. 예: http_reqs{{status:200}}",
    "plan.threshold_metric": '"{name}" 지표는 없습니다. 쓸 수 있는 지표: {valid}',
    "plan.threshold_metric_near": '"{name}" 지표는 없습니다. 혹시 "{near}"인가요?',
    "plan.threshold_aggregation": "{source!r}: {kind} 지표에는 {aggregation:이/가} 없습니다. 쓸 수 있는 것: {valid}",
    "plan.shortcut_and_scenarios": "scenarios와 함께 쓸 수 없습니다. 시나리오 안에서 지정하세요",
    "plan.no_scenarios": "비어 있습니다. 시나리오를 하나 이상 쓰거나 옵션을 빼세요",
    "plan.scenario_name": '"{name}": 시나리오 이름에는 영문자, 숫자, "-", "_"만 쓸 수 있습니다',
    "plan.no_time": "0이라서 아무것도 실행할 수 없습니다. 0보다 큰 길이를 주세요",
    "plan.fewer_iterations": "반복 {iterations}회를 사용자 {vus}명이 나눌 수 없습니다. {vus}회 이상으로 지정하세요",
    "plan.function": '"{name}" async 함수는 없습니다. 쓸 수 있는 함수: {valid}',
    "plan.function_near": '"{name}" async 함수는 없습니다. 혹시 "{near}"인가요?',
    "plan.not_async": '"{name}": async 함수가 아닙니다. "async def {name}(vu):"로 쓰세요',
    "plan.many_functions": '어느 함수를 실행할지 알 수 없습니다: {names}. exec="…"로 고르거나 '
    '하나의 이름을 "default"로 하세요',
    "plan.no_function": '실행할 함수가 없습니다. "async def default(vu):"를 쓰세요',
    "plan.descriptors": "사용자 {vus}명에게는 열린 파일 {need}개가 필요한데 시스템은 {have}개까지만 허용합니다. "
    "먼저 `ulimit -n {need}`을 실행하거나 하드 리밋을 올리세요",
    "plan.unwritable": "{path:을/를} 쓸 수 없습니다: {reason}",
    "plan.env": '"{value}": 변수가 아닙니다. NAME=value 꼴로 쓰세요',
}
