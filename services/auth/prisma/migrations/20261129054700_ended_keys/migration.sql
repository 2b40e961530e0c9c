-- What schema.prisma cannot say.

-- A key is removed some time after it has ended, and never before. The row of a bootstrap key stays: its value may stand in a setting,
-- and must not make a key again.
CREATE FUNCTION "keep_valid_key"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.is_bootstrap THEN
    RAISE EXCEPTION 'key % is a bootstrap key: its row stays', OLD.id USING ERRCODE = 'check_violation';
  END IF;
  IF OLD.revoked_at IS NULL AND (OLD.expires_at IS NULL OR OLD.expires_at > clock_timestamp()) THEN
    RAISE EXCEPTION 'key % has not ended: revoke it', OLD.id USING ERRCODE = 'check_violation';
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER "keep_valid_key" BEFORE DELETE ON "api_key" FOR EACH ROW EXECUTE FUNCTION "keep_valid_key"();
GRANT DELETE ON "api_key" TO auth;
