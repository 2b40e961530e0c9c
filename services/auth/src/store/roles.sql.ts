/** The roles of the holder `holder` in the organisation `organisation`, both SQL: their own, and those of the groups that they are in. */
export const rolesOf = (holder: string, organisation: string): string => `
       (select coalesce(json_agg(json_build_object('role', b.role, 'level', b.level, 'objectId', b.object_id, 'teamId', b.team_id,
                                                   'group', g.name, 'custom', r.permissions) order by b.created_at, b.id), '[]')
        from role_binding b
        left join "group" g on b.subject_kind = 'group' and g.id = b.subject_id
        left join role r on r.organisation_id = b.organisation_id and r.name = b.role
        where b.organisation_id = ${organisation}
          and b.subject_id in (select ${holder} union all select m.group_id from group_member m where m.user_id = ${holder})) as roles`;
