"""The Lua scripts by which replicas agree. Times are the Redis server's own, so that the clocks
of the replicas need not agree; all keys are given as KEYS, as clusters demand."""

# Generic cell rate algorithm. KEYS: pace, gate. ARGV: interval in microseconds, burst.
# Gives {microseconds to wait, milliseconds for which the gate is closed}.
TURN = """
local shut = redis.call('PTTL', KEYS[2])
if shut > 0 then return {0, shut} end
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval = tonumber(ARGV[1])
local due = tonumber(redis.call('GET', KEYS[1]) or 0)
if due < now then due = now end
-- Turns are given only when they are due, so nobody of ours has put it further than this.
if due > now + tonumber(ARGV[2]) * interval then due = now + tonumber(ARGV[2]) * interval end
local wait = due - (tonumber(ARGV[2]) - 1) * interval - now
if wait > 0 then return {wait, 0} end
due = due + interval
local keep = math.ceil((due - now) / 1000) + 1000
redis.call('SET', KEYS[1], string.format('%.0f', due), 'PX', keep)
return {0, 0}
"""

# KEYS: gate. ARGV: milliseconds. Only ever extends.
SHUT = """
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then
  redis.call('SET', KEYS[1], '1', 'PX', ARGV[1])
end
return 1
"""

# KEYS: budget, a hash of counts per second. ARGV: 'call' or 'retry', window in seconds,
# share, floor. Gives 1 if it was counted.
BUDGET = """
local now = tonumber(redis.call('TIME')[1])
local window = tonumber(ARGV[2])
local calls, retries = 0, 0
local seen = redis.call('HGETALL', KEYS[1])
for i = 1, #seen, 2 do
  local kind, second = string.match(seen[i], '(%a)(%d+)')
  if tonumber(second) <= now - window then
    redis.call('HDEL', KEYS[1], seen[i])
  elseif kind == 'c' then
    calls = calls + tonumber(seen[i + 1])
  else
    retries = retries + tonumber(seen[i + 1])
  end
end
if ARGV[1] == 'retry' and retries + 1 > tonumber(ARGV[3]) * calls + tonumber(ARGV[4]) then
  return 0
end
local kind = ARGV[1] == 'retry' and 'r' or 'c'
redis.call('HINCRBY', KEYS[1], kind .. now, 1)
redis.call('PEXPIRE', KEYS[1], (window + 1) * 1000)
return 1
"""

# KEYS: lease. ARGV: token, milliseconds. Gives 1 if it was taken. A lease that lasts for longer
# than any of ours is nobody's.
TAKE = """
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
local left = redis.call('PTTL', KEYS[1])
if left >= 0 and left <= tonumber(ARGV[2]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""

# KEYS: lease. ARGV: token, milliseconds. Gives 1 while the lease is the token's.
RENEW = """
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return 0
"""

# KEYS: lease, note. ARGV: token, note ('' for none), milliseconds to keep the note.
RELEASE = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[2] ~= '' then redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3]) end
return redis.call('DEL', KEYS[1])
"""
