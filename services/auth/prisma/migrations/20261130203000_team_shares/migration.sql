-- A team has roles in flows of other teams: they are shared with it.
ALTER TABLE "role_binding" DROP CONSTRAINT "role_binding_subject_kind";
ALTER TABLE "role_binding" ADD CONSTRAINT "role_binding_subject_kind"
  CHECK ("subject_kind" IN ('user', 'group', 'service_account') OR ("subject_kind" = 'team' AND "level" = 'flow' AND "subject_id" <> "team_id"));
