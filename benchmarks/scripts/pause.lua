-- wrk: 50 ms of think time before each request.
function delay()
  return 50
end
