-- Browsers ask for an origin before they send a key.
CREATE INDEX "api_key_origins_idx" ON "api_key" USING gin ("origins") WHERE "origins" <> '{}' AND "revoked_at" IS NULL;
