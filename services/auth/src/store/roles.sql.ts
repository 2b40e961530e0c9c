/**
 * The roles of the holder `holder` in the organisation `organisation`, both SQL: their own, those of the groups that they are in, and, where
 * they have a role in a whole team by either of these, those that the team has in flows of other teams.
 */
export const rolesOf = (holder: string, organisation: string): string => `
       (with holders as (
          select ${holder} as id union all select m.group_id from group_member m where m.user_id = ${holder}
        )
        select coalesce(json_agg(json_build_object('role', b.role, 'level', b.level, 'objectId', b.object_id, 'teamId', b.team_id,
                                                   'group', g.name, 'custom', r.permissions, 'sharedWithId', st.id, 'sharedWith', st.name)
                                 order by b.created_at, b.id), '[]')
        from role_binding b
        left join "group" g on b.subject_kind = 'group' and g.id = b.subject_id
        left join team st on b.subject_kind = 'team' and st.id = b.subject_id
        left join role r on r.organisation_id = b.organisation_id and r.name = b.role
        where b.organisation_id = ${organisation}
          and b.subject_id in (
            select id from holders union all
            select w.object_id from role_binding w
            where w.organisation_id = ${organisation} and w.level = 'team' and w.subject_id in (select id from holders)
          )) as roles`;
