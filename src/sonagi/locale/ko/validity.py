"""테스트 자체에 관한 진단. 말투: '이 수치로는 알 수 없습니다'이지, '당신이 틀렸습니다'가 아니다."""

MESSAGES = {
    "validity.c07_title": "목표를 채우기 전에 시간이 끝났습니다. 반복 {goal}회 가운데 {dropped:은/는} 시작조차 하지 않았으며, 서버가 놓친 것이 아닙니다.",
    "validity.c07_never_started": "계획 {goal} − 완료 {done} − 중단 {cut} = {dropped}: 드롭된 수와 정확히 같습니다",
    "validity.c07_counts": "{limit} 동안 {goal}회 중 {done}회 완료",
    "validity.c07_action": "{needed} 동안 실행하거나 사용자를 {users}으로 늘리거나, 반복 횟수 대신 시간을 정하세요.",
}
