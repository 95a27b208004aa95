"""여러 실행을 함께 이야기한다."""

MESSAGES = {
    "story.load": "부하",
    "story.visits": "요청",
    "story.answered": "응답",
    "story.p50": "p50",
    "story.p95": "p95",
    "story.p99": "p99",
    "story.rate": "초당",
    "story.cpu": "cpu",
    "story.memory": "메모리",
    "story.pool": "풀",
    "story.measurement": "측정  {verdict}",
    "story.generator": "부하 생성기 {cpu}, 자체 지연 p99 {lag}",
    "story.doubted": "그대로 믿을 수 없는 실행: {runs}",
    "story.proof": "같은 부하, {run}: {requests:,}건 중 {ok:,}건 → {requests_after:,}건 중 {ok_after:,}건 응답, p95 {p95}",
    "story.more": "{count}건은 sonagi explain에서 볼 수 있습니다",
}
