"""시간에 따른 모양에 관한 진단: 처음만 느림, 계속 늘어남, 그대로임."""

MESSAGES = {
    # S22
    "shape.s22_title": "처음 {until:은/는} 콜드 스타트입니다. 같은 부하인데 응답이 그때는 {first}, 이후에는 {steady} 걸렸습니다.",
    "shape.s22_decay": "초별 중앙값이 {first}에서 {steady:으로/로} 내려간 뒤 유지됩니다",
    "shape.s22_share": "전체 요청의 {share:이/가} 그 시간에 속합니다",
    "shape.s22_action": "측정 전에 {until} 동안 예열하거나 그 구간을 따로 보고하세요. 재시작 직후가 어떤지는 알려 주지만 서버의 처리 능력을 말해 주지는 않습니다.",
    "shape.s22_first_title": "첫 응답은 콜드 스타트입니다. 사용자 {users}명 중 누구도 {quickest} 안에 첫 응답을 받지 못했지만, 이후에는 거의 모두 {usual} 안에 받았습니다.",
    "shape.s22_first": "{metric:은/는} 요청 수를 경과 시간으로 나눈 값이며, 최댓값으로 보아 가장 빠른 첫 응답도 {quickest} 걸렸습니다",
    "shape.s22_longest": "가장 오래 걸린 요청은 {longest}이며 성공했습니다",
    "shape.s22_first_action": "측정 전에 요청을 몇 번 보내고 첫 응답은 따로 보고하세요. 최댓값 {longest:은/는} 나머지에 대해 아무것도 말해 주지 않습니다.",
    "shape.s22_or_burst": "모든 사용자가 한순간에 시작하면 서로를 기다립니다. 몇 초에 걸쳐 시작하게 하고 그래도 느린지 보세요.",
    "shape.s22_or_rare": "드물게 일을 많이 하는 요청이 오래 걸렸을 수도 있습니다. 그 요청의 시각과 주소를 보면 알 수 있습니다.",
    # S25
    "shape.s25_leak_title": "서버에서 메모리가 샙니다. 요청마다 {each:이/가} 돌아오지 않으며, 이 속도라면 시간당 {hourly}입니다.",
    "shape.s25_growth_title": "서버의 메모리가 계속 늘어납니다. {seconds} 동안 {risen}, 시간당 {hourly}이며 멈출 기미가 없습니다.",
    "shape.s25_slope": "바닥값이 {seconds} 동안 {risen} 상승 (시간당 {low}에서 {high} 사이, 95 %)",
    "shape.s25_by_requests": "{few}일 때 {slow}, {many}일 때 {fast} 상승: 시간이 아니라 요청을 따라갑니다",
    "shape.s25_not_idle": "부하가 없던 {seconds} 동안에는 늘지 않았습니다",
    "shape.s25_each": "요청 하나에 {each} 꼴입니다",
    "shape.s25_left": "이대로면 {left} 뒤 한계인 {limit}에 닿습니다",
    "shape.s25_leak_action": "부하를 준 채로 몇 분 간격을 두고 힙 덤프를 두 번 떠서 비교하세요. 개수가 늘어난 것이 새는 것입니다.",
    "shape.s25_growth_action": "더 오래 실행하고, 부하를 잠시 멈춰 보고, 다른 속도로도 실행해 보세요. 누수는 요청을 따라가고 캐시는 차면 멈춥니다.",
    "shape.s25_one_rate": "한 가지 속도에서만 보았습니다. 메모리가 요청을 따라 느는지 시간을 따라 느는지 이 실행으로는 알 수 없습니다.",
    "shape.s25_or_cache": "차고 있는 캐시도 이렇게 보입니다. 다 차면 평평해집니다.",
    # S30
    "shape.s30_core_title": "서버가 한 번에 하나씩만 처리합니다. 코어 하나만 바쁘고 나머지는 놀고 있으며, 요청 {held}개가 서로를 기다립니다. 처리율은 {done}에 머뭅니다.",
    "shape.s30_loop_title": "서버의 이벤트 루프가 막혀 있습니다. 요청이 한 번에 하나씩만 진행되고 {held}개가 기다립니다. 처리율은 {done}에 머뭅니다.",
    "shape.s30_one_core": "서버의 CPU 사용량은 {used}, 쓸 수 있는 코어는 {cores}개",
    "shape.s30_lag": "이벤트 루프가 {lag}씩 늦게 돌았습니다",
    "shape.s30_line": "로그 {count}줄: “{line}” 등",
    "shape.s30_queue": "서버 안에 동시에 있던 요청은 {held}개",
    "shape.s30_no_more": "사용자 {few}명에서 {many}명까지: 사용자가 1 % 늘 때 처리율은 {flat} %, 응답 시간은 {linear} % 증가",
    "shape.s30_action": "한 번에 하나만 할 수 있는 것을 찾으세요: 잠금, 이벤트 루프 안의 블로킹 호출, 하나뿐인 워커. 그것을 밖으로 빼거나 프로세스를 늘리세요. 코어만 늘려서는 달라지지 않습니다.",
    "shape.s30_or_cpu": "모든 코어가 바쁘다면 기다림이 아니라 일이 많은 것입니다. 코어별 CPU를 보세요.",
    "shape.s30_or_workers": "워커 풀이 가득 찬 것이라면 바쁜 코어 없이 기다립니다. 그때는 워커를 늘리면 나아집니다.",
}
