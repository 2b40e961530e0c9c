-- What schema.prisma cannot say.

-- A key with every permission also gets the one that this version adds.
UPDATE "api_key" SET "permissions" = "permissions" || '{flow:publish}'::text[]
  WHERE "permissions" @> '{flow:read,flow:write,flow:run,run:read,run:cancel,message:read,message:write,variable:read,variable:write,file:read,file:write,project:read,project:write,key:read,key:write,audit:read,log:read,member:read,member:write,organisation:write}'::text[];
