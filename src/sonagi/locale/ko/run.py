"""실행 중에, 그리고 실행 결과에 대해 하는 말."""

MESSAGES = {
    "run.note": "{at} 메모: {text}",
    "run.rate": "{at}: {scenario}의 도착률을 손으로 {unit}마다 {rate}회로 바꿨습니다",
    "run.said_noted": "적어 두었습니다",
    "run.said_stopping": "끝냅니다. 진행 중인 반복은 마칠 수 있습니다",
    "run.said_stopping_now": "바로 끝냅니다. 진행 중인 반복을 중단합니다",
    "run.said_paused": "일시정지: 새 반복을 시작하지 않습니다. 계획의 시간은 계속 흐릅니다",
    "run.said_resumed": "다시 시작했습니다",
    "run.said_users": "{scenario}: 사용자 {users}명",
    "run.said_rate": "{scenario}: 이제부터 끝날 때까지 {unit}마다 반복 {rate}회",
    "run.no_control": "이 실행은 밖에서 조종할 수 없습니다: {reason}",
    "run.proxy": "요청이 환경 변수(HTTP_PROXY, HTTPS_PROXY)에 적힌 프록시 {proxy:을/를} 거칩니다. 모든 수치에 프록시의 시간이 들어 있습니다. NO_PROXY로 뺄 수 있습니다",
    "run.replaced": "스크립트에 적힌 시나리오를 실행하지 않습니다({scenarios}). 플래그나 환경 변수가 다른 사용자를 정했습니다",
    "run.stopping": "멈추는 중: 새 반복은 시작하지 않고 진행 중인 반복은 마칩니다(Ctrl-C를 한 번 더 누르면 바로 멈춥니다)",
    "run.stopping_now": "바로 멈춥니다",
    "run.failed": "{message}",
    "run.prepare_timeout": "워커가 {seconds}초 안에 준비되지 않았습니다",
    "run.setup_timeout": "setup()이 {seconds}초를 넘겼습니다(setup_timeout)",
    "run.teardown_timeout": "teardown()이 {seconds}초를 넘겼습니다(teardown_timeout)",
    "run.worker_lost": "실행 도중에 워커 프로세스가 하나도 남지 않았습니다. 그때까지 측정한 값은 남아 있습니다",
    "run.setup_lost": "setup()을 실행하던 워커가 끝났습니다. setup()은 다시 실행하지 않습니다",
    "run.teardown_lost": "teardown()을 실행하던 워커가 끝났습니다. teardown()은 다시 실행하지 않습니다",
    "run.worker_lost_early": "부하를 시작하기 전에 워커 프로세스가 끝났습니다(--on-worker-loss stop)",
    "run.worker_gone": "워커 {of}개 가운데 {worker}번이 끝났습니다({why})",
    "run.worker_gone_on": "워커 {of}개 가운데 {worker}번이 {at}에 끝났습니다({why}). 맡은 일은 나머지가 넘겨받았습니다. 그때까지 측정한 값은 마지막 1초를 빼고 수치에 들어 있습니다",
    "run.worker_gone_stop": "워커 {of}개 가운데 {worker}번이 {at}에 끝나({why}) 실행을 끝냅니다(--on-worker-loss stop)",
    "run.stood_still": "{worker}번 워커가 {seconds}초 동안 멈춰 있었습니다. 프로세스나 기계가 멈췄던 것입니다. 그동안 부하를 만들지 않았지만 서버의 시간은 맞습니다",
    "run.killed": "워커 {of}개 가운데 {worker}번이 제때 멈추지 않아 강제로 끝냈습니다. 그때까지 측정한 값은 남아 있습니다",
    "run.unreachable": "모든 연결이 거부되어 실행을 끝냈습니다: {sample}. "
    "서버가 떠 있나요? (그래도 계속하려면 --keep-going)",
    "run.threshold_abort": "{name} '{source}' 목표를 지키지 못해 실행을 끝냅니다(abort_on_fail)",
    "run.blocked": "스크립트가 {place}에서 루프를 {ms}ms 이상 막았습니다. 그동안 어떤 사용자도 진행하지 못했습니다",
    "run.warning.series_cap": '서로 다른 이름이나 태그가 너무 많아 넘치는 것은 "(other)"로 셉니다. '
    "합계는 정확합니다. 그런 요청에는 name=…을 붙이세요",
    "run.broken_frames": "측정 프레임 {count}개를 읽지 못해 결과에서 빠졌습니다",
    "run.output_failed": "{path}: {reason}. 여기에는 더 이상 샘플을 쓰지 않습니다. 실행은 계속되고 다른 수치는 온전합니다",
    "run.output_slow": "{path} 쓰기가 너무 느려 일부 샘플이 빠집니다. 이 요약의 수치는 온전합니다",
    "run.lines_left_out": "({count}줄이 더 출력되었지만 보이지 않습니다. 1초에 천 줄까지 보입니다)",
    "run.held": "{at}에 일시정지: 새 반복을 시작하지 않습니다. 계획의 시간은 계속 흐릅니다",
    "run.resumed": "{at}에 다시 시작",
    "run.users": "{at}: {scenario}의 사용자를 손으로 {users}명으로 바꿨습니다",
    "run.rate_slips": "{scenario}: 이 머신이 바빠서 반복의 {share}가 늦게 시작됩니다. 초당 {asked}회 중 {kept}회. "
    "이후 수치는 의심스럽습니다. --workers를 늘리거나 스크립트가 하는 일을 줄이세요",
    "run.rate_lost": "{scenario}: 이 머신이 도착률을 지키지 못합니다. 초당 {asked}회 중 {kept}회. 계획과 다른 부하라 서버를 재는 "
    "값이 아닙니다. --workers를 늘리거나, 스크립트가 하는 일을 줄이거나, 도착률을 낮추세요",
    "run.users_used_up": "{scenario}: 반복의 {share}에 쓸 수 있는 사용자가 {vus}명 중 없었습니다. 초당 {asked}회 중 {kept}회. "
    "먼저 왜 오래 걸리는지 보고, 그다음 max_vus를 늘리거나 빼세요",
    "run.users_at_cap": "{scenario}: 사용자 {vus}명이 모두 바빠 반복의 {share}가 기다립니다. 초당 {asked}회 중 {kept}회. "
    "서버가 요청보다 훨씬 느립니다. 도착률을 낮추거나 max_vus로 더 허용하세요",
    "run.fixed_users": "단계가 있거나 사용자마다 반복 수가 정해진 시나리오는 사용자 수가 계획에 고정되어 있습니다",
    "run.unexplained": "이 실행이 뜻하는 바를 알아내지 못했습니다. {place}에서 {kind}: {message}. Sonagi의 결함이며 수치에는 영향이 없습니다",
}
