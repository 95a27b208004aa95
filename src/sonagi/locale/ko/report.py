"""요약과 실행 중 화면."""

MESSAGES = {
    "report.thresholds": "목표(THRESHOLDS)",
    "report.totals": "전체 결과",
    "report.by_name": "이름별 요청",
    "report.measured": "측정한 구간",
    "report.failures": "실패한 요청",
    "report.errors": "스크립트에서 난 예외",
    "report.no_data": "데이터 없음: 측정된 값이 없어 목표를 달성하지 못한 것으로 봅니다",
    "report.budget": "오류 예산 사용: {share}",
    "report.worst_window": "가장 나쁜 구간에서",
    "report.out_of": "/ {total}",
    "report.times": "{count}회",
    "report.column_count": "횟수",
    "report.column_failed": "실패",
    "report.column_p50": "p(50)",
    "report.column_p95": "p(95)",
    "report.column_p99": "p(99)",
    "report.lag": "보내기 전 {taken}, 받은 뒤 {resumed}",
    "report.stamps_kernel": "커널이 찍은 시각",
    "report.stamps_thread": "I/O 스레드가 찍은 시각",
    "report.measurement": "측정: {stamps} · 부하 생성기 CPU 코어의 {cpu}, 메모리 {rss} · 위 시간에 들지 않은 "
    "생성기 자체 지연(p99): {lag}",
    "report.iterations": "{seconds}초 동안 반복 {full}회 완료, {interrupted}회 중단",
    "report.script": "스크립트: {script}",
    "report.scenario_constant_vus": "사용자 {vus}명, {duration} 동안 (gracefulStop: {grace})",
    "report.scenario_per_vu_iterations": "사용자 {vus}명이 각각 {iterations}회 반복 (maxDuration: {duration}, "
    "gracefulStop: {grace})",
    "report.scenario_shared_iterations": "사용자 {vus}명이 모두 합해 {iterations}회 반복 (maxDuration: {duration}, "
    "gracefulStop: {grace})",
    "report.scenario_ramping_vus": "사용자 최대 {vus}명, {duration} 동안 {stages}단계 (gracefulStop: {grace})",
    "report.scenario": "시나리오: {name}",
    "report.planned": "{script}: {duration}, 동시에 최대 {vus}명",
    "report.planned_scenario": "  * {name}: {start}부터 {functions} 실행",
    "report.planned_after": "  * {name}: {after} 다음에 {functions} 실행, 늦어도 {start}부터",
    "report.planned_unlimited": "길이가 정해진 쉼이 없어서 반복 횟수는 서버에 달려 있습니다",
    "report.planned_most": "반복 하나가 {each} 이상 걸리므로 최대 {most}번 가능합니다",
    "report.planned_enough": "목표는 {goal}번이고, 반복 하나가 {each} 이상 걸리므로 {most}번까지 가능합니다",
    "report.planned_too_many": "목표는 {goal}번인데 최대 {most}번만 가능합니다. 반복 하나가 {each} 이상 걸립니다. "
    "{need} 동안 하거나 사용자가 {vus}명이어야 합니다",
    "report.progress": "반복 {iterations}번",
    "report.status": "사용자 {vus}명 · 반복 {iterations} · 초당 요청 {rate} · p95 {p95} · 실패 {failed}",
}
