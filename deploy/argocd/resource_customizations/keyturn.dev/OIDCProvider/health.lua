if obj.metadata.deletionTimestamp ~= nil then
  return { status = "Progressing", message = "The provider is being deleted." }
end

local status = obj.status or {}
if status.observedGeneration ~= obj.metadata.generation then
  return { status = "Progressing", message = "The operator has not seen the newest spec yet." }
end

for _, condition in ipairs(status.conditions or {}) do
  if condition.type == "Ready" then
    if condition.status == "True" then
      return { status = "Healthy", message = condition.message }
    end
    -- It is tried again when the provider says.
    local passing = condition.reason == "RateLimited"
    return { status = passing and "Progressing" or "Degraded", message = condition.message }
  end
end
return { status = "Progressing", message = "The operator has not reported yet." }
