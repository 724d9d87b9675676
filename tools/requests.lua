-- Sends the requests of the named files in turn: `wrk -s requests.lua <url> -- <file>...`.
-- The first line of a file is method and path, the rest the body, if there is one.
local requests, turn = {}, 0

function init(args)
  local key = os.getenv("KEY")
  for _, name in ipairs(args) do
    local file = assert(io.open(name, "rb"))
    local method, path = file:read("*l"):match("(%S+) (%S+)")
    local body, headers = file:read("*a"), {}
    if key then headers["Authorization"] = "Bearer " .. key end
    if body ~= "" then headers["Content-Type"] = "application/json" else body = nil end
    requests[#requests + 1] = wrk.format(method, path, headers, body)
    file:close()
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end
