-- Not ready for a while in the ordinary course: it passes by itself.
local passing = {
  NotPublished = true,
  SecretTerminating = true,
  RotationPending = true,
  RevocationPending = true,
  ProviderBusy = true,
  RateLimited = true,
}

if obj.metadata.deletionTimestamp ~= nil then
  return { status = "Progressing", message = "The application is being deleted." }
end

local status = obj.status or {}
if status.observedGeneration ~= obj.metadata.generation then
  return { status = "Progressing", message = "The operator has not seen the newest spec yet." }
end

local conditions = {}
for _, condition in ipairs(status.conditions or {}) do
  conditions[condition.type] = condition
end
local ready, stalled = conditions.Ready, conditions.Stalled

if stalled ~= nil and stalled.status == "True" then
  return { status = "Degraded", message = stalled.message }
end
if ready == nil then
  return { status = "Progressing", message = "The operator has not reported yet." }
end
if ready.reason == "Suspended" then
  return { status = "Suspended", message = ready.message }
end
if ready.status ~= "True" then
  return { status = passing[ready.reason] and "Progressing" or "Degraded", message = ready.message }
end

-- What is held does no harm, but somebody waits for it.
local held, previous = conditions.RotationHeld, conditions.PreviousSecretRetained
if held ~= nil and held.status == "True" then
  return { status = "Healthy", message = held.message }
end
if previous ~= nil and previous.reason == "RevocationHeld" then
  return { status = "Healthy", message = previous.message }
end
return { status = "Healthy", message = ready.message }
