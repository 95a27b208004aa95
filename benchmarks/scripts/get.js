// The same load for k6.
import http from "k6/http";
import { check, sleep } from "k6";

const pause = Number(__ENV.PAUSE || 0);

export default function () {
  const response = http.get(__ENV.TARGET);
  check(response, { "status is 200": (r) => r.status === 200 });
  if (pause > 0) sleep(pause);
}
