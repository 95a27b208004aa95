"""볼 수 없었던 것과, 다음에 보려면 필요한 것."""

MESSAGES = {
    "unseen.process_none": "{what}에 맞는 프로세스가 없습니다",
    "unseen.process_own": "{what:은/는} sonagi 자신입니다",
    "unseen.process_no_rights": "{name}({pid})의 소유자가 달라서 파일과 소켓을 볼 수 없습니다. 같은 사용자로 sonagi를 실행하세요",
    "unseen.port_none": "포트 {port}에서 기다리는 프로세스가 없습니다",
    "unseen.port_no_rights": "포트 {port}의 프로세스는 {user}의 것입니다. 지켜보려면 같은 사용자로 sonagi를 실행하세요",
    "unseen.remote": "서버({address})가 다른 장비에 있습니다. 지표 주소를 알려 주거나(--watch http://…/metrics) 그 장비에서 지켜보세요",
    "unseen.target_none": "서버로 가는 연결이 보이지 않아(연결이 없었거나 실행이 너무 짧아) 서버 쪽은 지켜보지 못했습니다",
    "unseen.log_missing": "로그 {path:이/가} 없었습니다",
    "unseen.log_unreadable": "로그 {path:을/를} 읽을 수 없습니다({reason})",
    "unseen.log_sampled": "로그 {path:이/가} 읽는 속도보다 빨리 늘어나 일부를 건너뛰었습니다. 횟수는 추정치입니다",
    "unseen.log_none": "{name}에 열린 로그 파일이 없습니다. 파일로 남기거나(Spring: logging.file.name=app.log) --watch file:경로로 알려 주세요",
    "unseen.metrics_refused": "{url} 응답 상태 {status}: 지표를 보려면 로그인이 필요하거나 꺼져 있습니다",
    "unseen.metrics_strange": "{url} 응답이 지표가 아닙니다(“{began}”)",
    "unseen.metrics_empty": "{url} 응답에 지표가 없습니다",
    "unseen.metrics_silent": "{url:이/가} 응답하지 않습니다({reason})",
    "unseen.metrics_none": "포트 {port}의 서버가 지표를 내보내지 않아 풀과 스레드를 볼 수 없습니다. Spring: spring-boot-starter-actuator와 micrometer-registry-prometheus 의존성, management.endpoints.web.exposure.include=prometheus 설정이 필요합니다",
    "unseen.probe_failed": "{name:을/를} 더 지켜볼 수 없었습니다({reason})",
}
