"""부하 생성기와 서버 사이의 네트워크에 관한 진단."""

MESSAGES = {
    # N03
    "network.n03_title": "네트워크 대역폭이 가득 찼습니다. 기다리는 사용자가 아무리 많아도 응답은 {rate:으로/로}만 들어오고, 서버는 한가합니다.",
    "network.n03_flat": "받은 데이터가 줄곧 {rate}",
    "network.n03_receiving": "평균 응답 시간의 {part:은/는} 이미 오고 있는 응답을 받는 시간입니다",
    "network.n03_away": "서버 자신의 기록으로 보면 평균 응답 시간의 {part:이/가} 서버 밖에서 흘렀습니다",
    "network.n03_pressed": "사용자를 {few}명에서 {many}명으로 늘려도 초당 바이트는 그대로입니다",
    "network.n03_sizes": "응답이 큰 {large:은/는} 느리고 {small:은/는} 느리지 않습니다",
    "network.n03_idle": "서버의 CPU 사용량은 {cpu}",
    "network.n03_host": "서버 장비가 보낸 데이터는 {out}",
    "network.n03_action": "큰 응답을 압축하거나 페이지로 나누고, 또는 대역폭이 더 넓은 곳에서 측정하세요. 응답 크기를 두 가지로 바꿔 비교해 보세요. 네트워크가 한계라면 처리율과 크기의 곱이 같습니다.",
    "network.n03_or_size": "천천히 만들어지는 응답도 천천히 들어옵니다. 그렇다면 사용자 한 명일 때도 빨라지지 않습니다.",
    "network.n03_or_generator": "부하 생성기가 느리게 읽어도 똑같이 보입니다. 그렇다면 생성기의 CPU와 자체 지연이 높습니다.",
    # N06
    "network.n06_title": "요청 {count}건이 응답을 한 바이트도 받기 전에 끊겼고, 모두 이미 쓰던 연결이었습니다. 요청이 가는 도중에 서버가 연결을 닫고 있습니다.",
    "network.n06_idle_title": "요청 {count}건이, {idle} 동안 쉬던 연결을 서버가 닫는 순간과 마주쳤습니다.",
    "network.n06_age_title": "요청 {count}건이, 열린 지 {age} 된 연결을 서버가 닫는 순간과 마주쳤습니다.",
    "network.n06_reused": "끊긴 {count}건 중 {reused}건이 이미 쓰던 연결 (전체 요청 {requests}건)",
    "network.n06_idle": "이 연결들은 모두 {idle} 동안 쉬고 있었습니다",
    "network.n06_age": "이 연결들은 모두 열린 지 {age} 되었습니다",
    "network.n06_configured": "서버는 쉬는 연결을 {timeout} 뒤에 닫습니다",
    "network.n06_all_idle": "사용자들이 요청 사이에 똑같이 쉬므로 쉬는 시간은 모두 비슷합니다.",
    "network.n06_action": "클라이언트가 서버보다 먼저 쉬는 연결을 버리게 하거나 서버의 keep-alive 시간을 늘리세요. 멱등 요청은 다시 보내도록 하세요.",
    "network.n06_or_restart": "서버가 다시 시작되어도 연결이 끊깁니다. 그렇다면 모두 한순간에 끊깁니다.",
    "network.n06_or_queue": "연결 대기열이 가득 차면 새 연결만 끊기고, 이미 쓰던 연결은 끊기지 않습니다.",
}
