"""What the guard brings: users, groups, roles and privileges, their tables, and the gate that every statement passes."""

from __future__ import annotations

from boathouse.contracts.needs import anybody
from boathouse.contracts.rooms import Room
from boathouse.guard import grant, listed, macros, session, show, system, tables
from boathouse.guard.gate import Gatekeeper
from boathouse.guard.manage import manage_groups, manage_roles, manage_users, user_log
from boathouse.sql import statements as s

room = Room(
    name="guard",
    statements={
        s.CreateUser: manage_users.create_user,
        s.AlterUser: manage_users.alter_user,
        s.DropUser: manage_users.drop_user,
        s.CreateGroup: manage_groups.create_group,
        s.AlterGroup: manage_groups.alter_group,
        s.DropGroup: manage_groups.drop_group,
        s.CreateRole: manage_roles.create_role,
        s.AlterRole: manage_roles.alter_role,
        s.DropRole: manage_roles.drop_role,
        s.GrantRoles: manage_roles.grant_roles,
        s.GrantPrivileges: grant.grant,
        s.AlterDefaultPrivileges: grant.alter_default_privileges,
        s.SetAuthorization: session.set_authorization,
        s.AlterSchema: session.alter_schema,
        s.ShowGrants: show.show_grants,
    },
    needs={
        s.CreateUser: manage_users.need_create,
        s.AlterUser: manage_users.need_alter,
        s.DropUser: manage_users.need_drop,
        s.CreateGroup: manage_groups.need,
        s.AlterGroup: manage_groups.need,
        s.DropGroup: manage_groups.need,
        s.CreateRole: manage_roles.need_create,
        s.AlterRole: manage_roles.need_change,
        s.DropRole: manage_roles.need_change,
        s.GrantRoles: manage_roles.need_grant,
        s.GrantPrivileges: grant.need_grant,
        s.AlterDefaultPrivileges: grant.need_default,
        s.SetAuthorization: anybody,  # the handler asks who logged in, not who acts now
        s.AlterSchema: session.need_alter_schema,
        s.ShowGrants: anybody,
    },
    fields={s.ShowGrants: show.COLUMNS},
    tables=(*tables.TABLES, *user_log.TABLES),
    macros=macros.MACROS,
    system_relations=(*system.SYSTEM_RELATIONS, *listed.SYSTEM_RELATIONS, *user_log.SYSTEM_RELATIONS),
    gate=Gatekeeper,
)
