"""명령 도움말과 사용법 오류."""

MESSAGES = {
    "cli.help": "평범한 async Python으로 쓰는 부하 테스트. 숫자는 사실 그대로입니다.",
    "cli.commands": "명령",
    "cli.run": "부하 테스트를 실행합니다",
    "cli.no_command": '"{name}" 명령은 없습니다. 쓸 수 있는 명령: {valid}',
    "cli.command_is_script": '"{name}": 스크립트입니다. "sonagi run {name}"으로 쓰세요',
    "cli.no_option": "{name} 옵션은 없습니다. `{command} --help`에서 목록을 볼 수 있습니다",
    "cli.no_option_near": "{name} 옵션은 없습니다. 혹시 {near}인가요?",
    "cli.missing": "{name:이/가} 빠졌습니다. `{command} {name}`처럼 쓰세요",
    "cli.usage": "{message} (자세한 것은 `{command} --help`)",
    "cli.run_help": "async 함수가 있는 Python 파일 SCRIPT의 부하 테스트를 실행하고 측정 결과를 보여 줍니다. "
    "플래그가 스크립트의 옵션보다 우선합니다.",
    "cli.run_vus": "가상 사용자 수",
    "cli.run_duration": "실행 시간. 예: 30s, 1m30s",
    "cli.run_iterations": "모든 사용자가 나누어 실행할 반복 횟수",
    "cli.run_env": "스크립트에 줄 환경 변수(여러 번 쓸 수 있음)",
    "cli.run_summary_export": "결과를 k6 handleSummary() 꼴의 JSON으로 저장",
    "cli.run_summary_trend_stats": "시간 열: avg min med max count p(N) 중에서",
    "cli.run_quiet": "실행 중에는 아무것도 보이지 않고 요약만 출력",
    "cli.run_no_color": "색 없이 출력",
    "cli.run_workers": "0이면 이 프로세스 안에서(디버거용), 1(기본값)이면 별도 프로세스에서 부하를 만듭니다",
    "cli.run_keep_going": "모든 연결이 거부되어도 계속합니다",
}
